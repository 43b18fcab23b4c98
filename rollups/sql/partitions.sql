-- Months of what is sorted by time, years of what is sorted by entity. Outcomes of cases and complaints have neither: they stay.
SELECT DISTINCT table, partition_id
FROM system.parts
WHERE database = 'rapport_store' AND active AND table IN
(
    'survey_facts', 'invitation_facts', 'identities', 'contact_facts', 'milestone_facts', 'complaint_facts',
    'contacts_by_chain', 'milestones_by_case', 'complaint_events_by_id', 'contact_outcomes'
)
ORDER BY table, partition_id
