{{- /* Hours of all events of some cases or complaints: one of them is the day that it is booked on. */ -}}
SELECT DISTINCT hour FROM rapport_store.{{.Copy}} WHERE tenant = {tenant:String} AND {{.Entity}} IN ({names:Array(String)})
