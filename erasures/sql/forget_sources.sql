{{- /* Once a tenant is gone nothing is counted for its apps. */ -}}
ALTER TABLE rapport_store.erased_events UPDATE source = '' WHERE tenant = {tenant:String} AND source != ''
SETTINGS mutations_sync = 2
