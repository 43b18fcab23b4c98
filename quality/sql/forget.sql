ALTER TABLE rapport_store.attribute_values DELETE WHERE tenant IN {tenants:Array(String)}
SETTINGS mutations_sync = 2
