{{- /* Takes rows away, out of the parts. Mutations wait until they are done on every replica. */ -}}
ALTER TABLE rapport_store.{{.Name}} DELETE WHERE tenant = {tenant:String} AND {{.Where}}
SETTINGS mutations_sync = 2, allow_nondeterministic_mutations = 1
