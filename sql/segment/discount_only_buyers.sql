-- title: Customers who buy with a discount only
-- purpose: marketing
--
-- Those with three purchases or more of which at least nine in ten had a discount: they wait for the next one. A
-- voucher for everybody is wasted on them; early access to the sale is not.
--
-- One row: one customer.
--
-- key: customer_id
SELECT customer_id, orders, discounted_orders, discounted_order_share, discount_share, discount_amount, gross_amount,
       currency
FROM profile.habits
WHERE orders >= 3 AND 10 * discounted_orders >= 9 * orders
