INSERT INTO rapport_store.tenants (tenant, time_zone, epoch, complaint_age_days, min_n, service_level_seconds, fcr_window_days, calendar)
SELECT {tenant:String}, {zone:String}, {epoch:UInt64}, {ages:Array(UInt16)}, {min_n:UInt32}, {level:UInt32}, {window:UInt16}, {calendar:String}
