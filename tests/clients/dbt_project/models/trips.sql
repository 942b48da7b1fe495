select b.booking, b.seats, c.name from {{ ref('stg_bookings') }} b join {{ source('desk', 'customers') }} c using (customer)
