ALTER TABLE rapport_store.alert_states DELETE WHERE tenant = {tenant:String}
SETTINGS mutations_sync = 2
