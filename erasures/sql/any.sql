-- Whether anything was ever erased: where not, no batch needs to be looked up.
SELECT (SELECT count() FROM rapport_store.erased_events), (SELECT count() FROM rapport_store.erased_places)
