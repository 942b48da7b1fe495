select name, sum(seats) as seats from {{ ref('trips') }} group by name
