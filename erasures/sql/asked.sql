-- Whether anything was ever erased, or noted of refused records: where not, no batch needs to be looked up.
SELECT (SELECT count() FROM rapport_store.erased_events), (SELECT count() FROM rapport_store.erased_places), (SELECT count() FROM rapport_store.record_states)
