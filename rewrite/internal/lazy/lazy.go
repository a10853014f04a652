// Package lazy builds values when they are first asked for, in one goroutine while
// the others wait. What fails, panics or comes out as nil or another zero value is
// not kept. A builder must not ask for what it builds, or it waits for itself.
package lazy

import (
	"reflect"
	"sync"
	"sync/atomic"
)

// A Value is one such value, at first empty. The lock is for teardowns, and builds.
type Value[T any] struct {
	sync.Mutex
	value atomic.Pointer[T] // nil while it is empty
}

// Get returns the value, which build makes if there is none.
func (v *Value[T]) Get(build func() T) T {
	value, _ := v.GetErr(func() (T, error) { return build(), nil })
	return value
}

// GetErr is Get for a builder that may fail.
func (v *Value[T]) GetErr(build func() (T, error)) (T, error) {
	if p := v.value.Load(); p != nil {
		return *p, nil
	}
	v.Lock()
	defer v.Unlock()
	if p := v.value.Load(); p != nil {
		return *p, nil
	}
	value, err := build()
	if err == nil {
		v.Store(value)
	}
	return value, err
}

// Load returns the value, or zero while there is none.
func (v *Value[T]) Load() (value T) {
	if p := v.value.Load(); p != nil {
		value = *p
	}
	return value
}

// Set replaces the value. To set it to zero is to reset it.
func (v *Value[T]) Set(value T) {
	v.Lock()
	defer v.Unlock()
	v.Store(value)
}

// Reset empties v: the next Get builds anew.
func (v *Value[T]) Reset() { v.Set(*new(T)) }

// Store is Set for those who hold the lock.
func (v *Value[T]) Store(value T) {
	p := &value
	if reflect.ValueOf(p).Elem().IsZero() {
		p = nil
	}
	v.value.Store(p)
}

// A Map holds a Value, if an empty one, for each key that was ever asked for.
type Map[K comparable, V any] struct {
	values sync.Map // *Value[V] by K
}

// Get returns the value of key, which build makes if there is none.
func (m *Map[K, V]) Get(key K, build func() V) V { return m.at(key).Get(build) }

// GetErr is Get for a builder that may fail.
func (m *Map[K, V]) GetErr(key K, build func() (V, error)) (V, error) { return m.at(key).GetErr(build) }

func (m *Map[K, V]) at(key K) *Value[V] {
	v, ok := m.values.Load(key)
	if !ok {
		v, _ = m.values.LoadOrStore(key, new(Value[V]))
	}
	return v.(*Value[V])
}

// Load returns the value of key, and whether there is one.
func (m *Map[K, V]) Load(key K) (value V, ok bool) {
	if v, there := m.values.Load(key); there {
		if p := v.(*Value[V]).value.Load(); p != nil {
			return *p, true
		}
	}
	return value, false
}

// Set replaces the value of key.
func (m *Map[K, V]) Set(key K, value V) { m.at(key).Set(value) }

// Delete forgets the value of key: the next Get builds anew.
func (m *Map[K, V]) Delete(key K) { m.values.Delete(key) }

// All returns a map of the values that there are.
func (m *Map[K, V]) All() map[K]V {
	all := make(map[K]V)
	m.values.Range(func(k, v any) bool {
		if p := v.(*Value[V]).value.Load(); p != nil {
			all[k.(K)] = *p
		}
		return true
	})
	return all
}

// Reset forgets all values.
func (m *Map[K, V]) Reset() {
	for key := range m.All() {
		m.Delete(key)
	}
}
