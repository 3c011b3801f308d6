// Counts the words of a text that it makes up, in as many goroutines as there are CPUs: a
// program that needs some memory and some threads, as "go run" itself does.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
)

func count(text string, total *[8]int, slot int, wg *sync.WaitGroup) {
	defer wg.Done()
	total[slot] = len(strings.Fields(text))
}

func main() {
	var total [8]int
	var wg sync.WaitGroup
	n := runtime.NumCPU()
	if n > len(total) {
		n = len(total)
	}
	text := strings.Repeat("a limit that holds ", 50000)
	for i := 0; i < n; i++ {
		wg.Add(1)
		go count(text, &total, i, &wg)
	}
	wg.Wait()
	sum := 0
	for _, words := range total {
		sum += words
	}
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("counted %d words in %d goroutines\n", sum, n)
	fmt.Printf("my cgroup: %s", own)
}
