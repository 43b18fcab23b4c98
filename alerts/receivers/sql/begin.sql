INSERT INTO rapport_store.alert_receivers (receiver, since)
SELECT {receiver:String}, fromUnixTimestamp64Milli({since:Int64}, 'UTC')
