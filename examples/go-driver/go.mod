module example.org/satchel

go 1.19
