SELECT DISTINCT tenant, hour FROM rapport_store.survey_facts WHERE {tenant:String} IN ('', tenant)
