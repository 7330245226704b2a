-- The products on sale; the tills use the web shop's numbers. The list is Parquet, and its prices are decimals already.
--
-- One row: one product.
--
-- key: product_id
SELECT product_no AS product_id,
       'shop' AS source,
       name,
       category,
       brand,
       list_price AS unit_price,
       unit_cost,
       'GBP' AS currency
FROM raw.shop_products
