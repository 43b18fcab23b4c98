SELECT tenant, toString(max(version)) FROM rapport_store.contact_outcomes GROUP BY tenant
UNION ALL
SELECT tenant, toString(max(version)) FROM rapport_store.case_outcomes GROUP BY tenant
UNION ALL
SELECT tenant, toString(max(version)) FROM rapport_store.complaint_outcomes GROUP BY tenant
