SELECT min(since) FROM rapport_store.alert_receivers WHERE receiver = {receiver:String} HAVING count() > 0
