-- Empties late facts, and leaves what the accounting needs.
ALTER TABLE rapport_store.late_facts
    UPDATE source = '', id = '', revision = 0, occurred_at = appended_at, key = '', value = '', headers = CAST(map(), 'Map(String, String)'),
        tenant = if((topic, partition, offset) IN (SELECT topic, partition, offset FROM rapport_store.erased_places WHERE tenant = '' AND erasure NOT IN (SELECT id FROM rapport_store.erasures FINAL WHERE state = 'seeking')), '', tenant)
    WHERE (topic, partition, offset) IN (SELECT topic, partition, offset FROM rapport_store.erased_places WHERE erasure NOT IN (SELECT id FROM rapport_store.erasures FINAL WHERE state = 'seeking'))
        AND (value != '' OR key != '' OR id != '' OR notEmpty(mapKeys(headers)) OR {forget:String} != '' AND tenant = {forget:String})
SETTINGS mutations_sync = 2, allow_nondeterministic_mutations = 1
