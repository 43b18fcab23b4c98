ALTER TABLE rapport_store.{{.}} DELETE WHERE tenant = {tenant:String}
SETTINGS mutations_sync = 2
