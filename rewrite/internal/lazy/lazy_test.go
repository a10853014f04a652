package lazy

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

// together calls f from 20 goroutines at the same time.
func together(f func()) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := 0; i < 20; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			<-start
			f()
		}()
	}
	close(start)
	wg.Wait()
}

func TestValueIsBuiltOnce(t *testing.T) {
	var v Value[*int]
	var built int32
	together(func() {
		n := v.Get(func() *int {
			n := int(atomic.AddInt32(&built, 1))
			return &n
		})
		if *n != 1 {
			t.Error("a second value")
		}
	})
}

func TestValueIsRetried(t *testing.T) {
	var v Value[string]
	var tries int32
	build := func() (string, error) {
		if n := atomic.AddInt32(&tries, 1); n < 5 {
			return "half", errors.New("not yet")
		}
		return "done", nil
	}
	together(func() {
		for {
			if s, err := v.GetErr(build); err == nil {
				if s != "done" {
					t.Errorf("GetErr = %q", s)
				}
				return
			}
		}
	})
	if tries != 5 {
		t.Errorf("built %d times, want 5", tries)
	}
}

func TestValueAfterPanic(t *testing.T) {
	var v Value[int]
	func() {
		defer func() { _ = recover() }()
		v.Get(func() int { panic("no") })
	}()
	if n := v.Get(func() int { return 7 }); n != 7 {
		t.Errorf("Get = %d after a panic, want 7", n)
	}
}

func TestValueKeepsNoZero(t *testing.T) {
	var v Value[error]
	v.Get(func() error { return nil })
	want := errors.New("kept")
	if err := v.Get(func() error { return want }); err != want || v.Load() != want {
		t.Errorf("Get = %v, Load = %v, want %v", err, v.Load(), want)
	}
	v.Set(nil)
	if v.Load() != nil {
		t.Error("set to nil, and not empty")
	}
}

func TestValueWhileReset(t *testing.T) {
	var v Value[*int]
	together(func() {
		for i := 0; i < 100; i++ {
			if v.Get(func() *int { return new(int) }) == nil {
				t.Error("Get = nil")
			}
			v.Reset()
			v.Set(new(int))
			v.Lock()
			v.Store(nil)
			v.Unlock()
		}
	})
}

func TestMapBuildsOncePerKey(t *testing.T) {
	var m Map[int, *int]
	var built int32
	together(func() {
		for key := 0; key < 3; key++ {
			m.Get(key, func() *int {
				atomic.AddInt32(&built, 1)
				return new(int)
			})
		}
	})
	if built != 3 || len(m.All()) != 3 {
		t.Errorf("built %d values for 3 keys, and kept %d", built, len(m.All()))
	}
}

func TestMapBuilderAsksForAnotherKey(t *testing.T) {
	var m Map[int, int]
	var sum func(n int) int
	sum = func(n int) int {
		return m.Get(n, func() int {
			if n == 1 {
				return 1
			}
			return n + sum(n-1)
		})
	}
	together(func() {
		if n := sum(10); n != 55 {
			t.Errorf("sum = %d, want 55", n)
		}
	})
}

func TestMapIsRetriedAndReset(t *testing.T) {
	var m Map[string, int]
	if _, err := m.GetErr("a", func() (int, error) { return 0, errors.New("no") }); err == nil {
		t.Error("GetErr lost the error")
	}
	if _, ok := m.Load("a"); ok || len(m.All()) > 0 {
		t.Error("a failure was kept")
	}
	m.Set("a", 1)
	m.Set("b", 2)
	if n, ok := m.Load("a"); n != 1 || !ok {
		t.Errorf("Load = %d, %v", n, ok)
	}
	m.Delete("a")
	if _, ok := m.Load("a"); ok || len(m.All()) != 1 {
		t.Error("not deleted")
	}
	m.Reset()
	if len(m.All()) != 0 {
		t.Error("not reset")
	}
}
