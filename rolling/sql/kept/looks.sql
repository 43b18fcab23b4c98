{{- /* What the figures of each tenant rest on, cheap enough to be asked for every other second: the versions of its days, which rise with whatever
changes in them, summed over the days of each window; the values that are shown as other; its invitations, which no day counts; the tables that it has days in. A version that
a merge has not yet put aside is told from the one in force by max, so that merges change nothing. */ -}}
SELECT
    tenant,
    sumForEach(arrayMap(first -> if(day >= first, epoch, 0), {days:Array(Date32)})) AS epochs,
    sumForEach(arrayMap(first -> if(day >= first, mark, 0), {days:Array(Date32)})) AS marks,
    sumForEach(arrayMap(first -> if(day >= first, invited, 0), {days:Array(Date32)})) AS invitations,
    groupBitXor(shown) AS others,
    arraySort(groupUniqArrayIf(source, source != '')) AS tables
FROM
(
{{- range .}}
    SELECT tenant, day, toUInt64(bitShiftRight(max(version), 64)) AS epoch, toUInt64(bitAnd(max(version), toUInt128(18446744073709551615))) AS mark, toUInt64(0) AS invited, toUInt64(0) AS shown, '{{.}}' AS source
    FROM rapport_store.{{.}}
    WHERE cut = '' AND day >= arrayMin({days:Array(Date32)})
    GROUP BY tenant, day
    UNION ALL
{{- end}}
    SELECT tenant, toDate32(hour) AS day, 0, 0, count() + sum(revision), 0, ''
    FROM rapport_store.invitation_facts
    WHERE hour >= toDateTime(arrayMin({days:Array(Date32)}), 'UTC')
    GROUP BY tenant, day
    UNION ALL
    SELECT tenant, toDate32('1970-01-01'), 0, 0, 0, cityHash64(cut, cap, arraySort(kept)), ''
    FROM rapport_store.attribute_values FINAL
    WHERE beyond > 0
)
GROUP BY tenant
