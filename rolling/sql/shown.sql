-- How many values each cut has, and those that are shown of a cut of which not all are.
SELECT toString(cut), values, beyond > 0, kept FROM rapport_store.attribute_values FINAL WHERE tenant = {tenant:String}
