package main

import "fmt"

// Pump in a waterworks.
type Pump struct {
	Model string
	Stage int
}

func main() {
	fmt.Println(Pump{Model: "o3-mini-pump", Stage: 1})
}
