-- What is not here of an attribute that is over its cap is shown as other.
CREATE OR REPLACE VIEW rapport_store.attributes_shown
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    cut    LowCardinality(String) COMMENT 'Attribute, or a pair as region,product',
    value  String                 COMMENT 'A value that is shown'
)
AS SELECT tenant, cut, arrayJoin(kept) AS value
FROM rapport_store.attribute_values FINAL
WHERE beyond > 0
COMMENT 'Values that are shown of the attributes that are over their cap.';
