ALTER TABLE rapport_store.alert_deliveries DELETE WHERE tenant = {tenant:String}
SETTINGS mutations_sync = 2
