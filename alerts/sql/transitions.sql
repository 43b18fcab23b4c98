SELECT arrayJoin(transitions) AS transition
FROM
(
    SELECT tenant, `group`, instant, transitions
    FROM rapport_store.alert_states FINAL
    WHERE slot > {from:Int64} AND slot <= {to:Int64} AND ({tenant:String} = '' OR tenant = {tenant:String})
    ORDER BY instant, tenant, `group`
)
