// Package tenants holds the settings of each tenant: its time zone, which says where its days begin, the pairs of
// attributes that its figures are cut by, and the numbers that its metrics depend on. They are files that users write; a
// tenant without a file has the defaults.
package tenants
