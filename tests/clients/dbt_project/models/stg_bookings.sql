select booking, customer, seats from {{ source('desk', 'bookings') }}
