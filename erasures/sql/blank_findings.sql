-- Findings of the sweepers may name a chain, and so a customer; that there was one stays.
ALTER TABLE rapport_store.audit_mismatches UPDATE detail = '' WHERE tenant = {tenant:String} AND startsWith(detail, 'differs: ')
SETTINGS mutations_sync = 2
