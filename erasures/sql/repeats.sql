{{- /* When other complaints on the subjects of some were opened: they may be repeats no longer. */ -}}
SELECT DISTINCT toStartOfHour(opened_at)
FROM rapport_store.complaint_subjects
WHERE tenant = {tenant:String} AND live AND (customer_id, issue) IN
    (SELECT customer_id, issue FROM rapport_store.complaint_subjects WHERE tenant = {tenant:String} AND complaint_id IN ({names:Array(String)}))
