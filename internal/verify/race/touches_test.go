package race

import "testing"

func TestReachesOut(t *testing.T) {
	for name, want := range map[string]bool{
		"net/http.Get": true, "net/http.Client.Do": true, "net/http.NewRequest": false, "net/http.NewServeMux": false,
		"os/exec.Command": true, "os/exec.Cmd.Run": true, "os.Remove": true, "os.ReadFile": false, "os.RemoveAll": true,
		"net.Dial": true, "net.ParseIP": false, "net.LookupHost": true, "net/rpc.Dial": true, "net/url.Parse": false,
		"database/sql.Open": true, "database/sql.Drivers": false, "database/sql.DB.Ping": true,
	} {
		if got := reachesOut(name); got != want {
			t.Errorf("reachesOut(%s) = %v, want %v", name, got, want)
		}
	}
}

func TestTalks(t *testing.T) {
	for path, want := range map[string]bool{
		"github.com/redis/go-redis/v9": true, "google.golang.org/grpc": true, "go.mongodb.org/mongo-driver/mongo": true,
		"github.com/go-sql-driver/mysql": true, "gopkg.in/redis.v5": true, "cloud.google.com/go/storage": true,
		"github.com/sirupsen/logrus": false, "go.uber.org/zap": false, "net/http": false, "github.com/spf13/viper": false,
	} {
		if got := talks(path); got != want {
			t.Errorf("talks(%s) = %v, want %v", path, got, want)
		}
	}
}
