-- Nearly always empty: views ask this first, and look up no value where it is.
CREATE OR REPLACE VIEW rapport_store.attributes_over
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    cut    LowCardinality(String) COMMENT 'Attribute, or a pair as region,product, with more values than the tenant''s cap'
)
AS SELECT tenant, cut
FROM rapport_store.attribute_values FINAL
WHERE beyond > 0
COMMENT 'Attributes of which not all values are shown.';
