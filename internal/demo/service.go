package demo

import (
	"context"
	"fmt"
)

// service shows the figures of contacts, cases and complaints: resolution by who came back beside what the agents ticked, and what is overdue as overdue.
func (s *story) service(ctx context.Context) error {
	s.say("")
	err := s.table(ctx, "contacts 联系\tfirst 首次\tFCR 首次解决率\tconfirmed 已确认\tagents' tick 坐席标记\tno repeat 无重复\trepeat rate 重复率\tanswered 接通率\tASA 平均应答",
		`SELECT toUInt64(sum(contacts)), toUInt64(sum(first_contacts)), 100 * sum(resolved_first) / sum(fcr_n), 100 * sum(confirmed_resolved) / sum(confirmed_n),
			100 * sum(flagged) / sum(first_contacts), 100 * sum(no_repeat) / sum(first_contacts), 100 * (sum(contacts) - sum(first_contacts)) / sum(contacts),
			(SELECT 100 * sum(answered) / sum(offered) FROM rapport.contact_daily WHERE tenant = 'default'), (SELECT sum(wait_seconds_sum) / sum(wait_n) FROM rapport.contact_daily WHERE tenant = 'default')
		FROM rapport.fcr_daily WHERE tenant = 'default'`,
		func(scan func(...any) error) (string, error) {
			var contacts, first uint64
			var fcr, confirmed, tick, noRepeat, repeats, answered, asa float64
			err := scan(&contacts, &first, &fcr, &confirmed, &tick, &noRepeat, &repeats, &answered, &asa)
			return fmt.Sprintf("%d\t%d\t%.1f %%\t%.1f %%\t%.1f %%\t%.1f %%\t%.1f %%\t%.1f %%\t%.0f s", contacts, first, fcr, confirmed, tick, noRepeat, repeats, answered, asa), err
		})
	if err != nil {
		return err
	}
	s.say("")
	err = s.table(ctx, "milestone 节点\tcases 工单\treached 达成\ton time 准时率\toverdue now 已超期\tmean hours 平均小时",
		`SELECT milestone, toUInt64(sum(cases)), toUInt64(sum(reached)), 100 * sum(on_time) / (sum(on_time) + sum(late) + sum(overdue)), toUInt64(sum(overdue)), sum(seconds_sum) / sum(n) / 3600
		FROM rapport.timeliness_daily WHERE tenant = 'default' AND milestone IN ('first_response', 'arrived', 'resolved') GROUP BY milestone ORDER BY milestone`,
		func(scan func(...any) error) (string, error) {
			var milestone string
			var cases, reached, overdue uint64
			var onTime, hours float64
			err := scan(&milestone, &cases, &reached, &onTime, &overdue, &hours)
			return fmt.Sprintf("%s\t%d\t%d\t%s\t%d\t%.1f", milestone, cases, reached, scored("%.1f %%", onTime), overdue, hours), err
		})
	if err != nil {
		return err
	}
	s.say("")
	return s.table(ctx, "complaints 投诉\tmajor 重大\trepeat 重复\tresolved 已解决\treopened 重开",
		`SELECT toUInt64(sum(opened)), toUInt64(sumIf(opened, severity = 'major')), toUInt64(sum(repeats)), toUInt64(sum(resolved)), toUInt64(sum(reopened))
		FROM rapport.complaints_daily WHERE tenant = 'default'`,
		func(scan func(...any) error) (string, error) {
			var opened, major, repeats, resolved, reopened uint64
			err := scan(&opened, &major, &repeats, &resolved, &reopened)
			return fmt.Sprintf("%d\t%d\t%d\t%d\t%d", opened, major, repeats, resolved, reopened), err
		})
}
