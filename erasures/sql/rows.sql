{{- /* What take.sql takes away, by what stays of it. */ -}}
{{define "of_events"}}{{template "erased"}}{{end}}

{{define "identities"}}(type, identity) IN (SELECT type, identity FROM rapport_store.erased_events WHERE tenant = {tenant:String} AND {{template "counted"}}){{end}}

{{define "of_entities"}}hex({{template "entity" .}}) IN ({hashes:Array(String)}){{end}}

{{- /* Outcomes of what has no facts any more: nobody would compute them again. */ -}}
{{define "orphans"}}{{template "entity" .Entity}} IN (SELECT entity FROM rapport_store.erased_entities WHERE tenant = {tenant:String} AND kind = '{{.Kind}}' AND {{template "counted"}})
    AND {{.Entity}} NOT IN
    (
        SELECT {{.Entity}} FROM rapport_store.{{.Copy}} WHERE tenant = {tenant:String} AND {{.Entity}} IN
            (SELECT {{.Entity}} FROM rapport_store.{{.Name}} WHERE tenant = {tenant:String}
                AND {{template "entity" .Entity}} IN (SELECT entity FROM rapport_store.erased_entities WHERE tenant = {tenant:String} AND kind = '{{.Kind}}' AND {{template "counted"}}))
    ){{end}}

{{- /* Cases of chains that have no contact any more. */ -}}
{{define "chains"}}{{template "entity" "case_id"}} IN (SELECT entity FROM rapport_store.erased_entities WHERE tenant = {tenant:String} AND kind = 'contacts' AND {{template "counted"}})
    AND chain NOT IN
    (
        SELECT chain FROM rapport_store.contacts_by_chain WHERE tenant = {tenant:String} AND chain IN
            (SELECT chain FROM rapport_store.chains_of_cases WHERE tenant = {tenant:String}
                AND {{template "entity" "case_id"}} IN (SELECT entity FROM rapport_store.erased_entities WHERE tenant = {tenant:String} AND kind = 'contacts' AND {{template "counted"}}))
    ){{end}}
