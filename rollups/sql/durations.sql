{{- /* Histograms of durations, of whatever is called so. The bucket is made of whole numbers alone, as outcomes.DurationBucket makes it: the ones of a
number, spread to the right, are as many as its binary digits. */ -}}
{{define "spread_durations"}}ARRAY JOIN arrayConcat(
            arrayMap((d, m) -> (d, 'calendar', m), `duration.name`, `duration.micros`),
            arrayMap((d, m) -> (d, 'working', assumeNotNull(m)), arrayFilter((d, m) -> m IS NOT NULL, `duration.name`, `duration.working_micros`),
                arrayFilter(m -> m IS NOT NULL, `duration.working_micros`))) AS span{{end}}

{{define "bucket"}}span.2 AS clock,
            toUInt64(greatest(span.3, 0)) AS v,
            bitOr(v, bitShiftRight(v, 1)) AS v1,
            bitOr(v1, bitShiftRight(v1, 2)) AS v2,
            bitOr(v2, bitShiftRight(v2, 4)) AS v4,
            bitOr(v4, bitShiftRight(v4, 8)) AS v8,
            bitOr(v8, bitShiftRight(v8, 16)) AS v16,
            bitOr(v16, bitShiftRight(v16, 32)) AS v32,
            toUInt64(greatest(bitCount(v32), 8) - 8) AS shift,
            toUInt16(if(v < 128, v, (shift + 1) * 128 + bitAnd(bitShiftRight(v, shift), 127))) AS bucket{{end}}
