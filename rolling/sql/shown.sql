-- Cuts of which not all values are shown, with those that are.
SELECT toString(cut), kept FROM rapport_store.attribute_values FINAL WHERE tenant = {tenant:String} AND beyond > 0
