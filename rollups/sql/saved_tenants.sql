SELECT tenant, time_zone, complaint_age_days, min_n, service_level_seconds, fcr_window_days, calendar FROM rapport_store.tenants FINAL
