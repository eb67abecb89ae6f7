module count

go 1.27
