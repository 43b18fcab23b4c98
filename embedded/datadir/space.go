package datadir

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sys/unix"
)

// Watch shows how much room the disk of a directory has, to processes that are not root. The figures are NaN where it cannot be asked.
func Watch(dir string, reg prometheus.Registerer) {
	reg.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "rapport_data_dir_free_bytes", Help: "Bytes that may still be written on the disk of RAPPORT_DATA_DIR.",
		}, func() float64 { free, _ := Space(dir); return free }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "rapport_data_dir_size_bytes", Help: "Size of the disk of RAPPORT_DATA_DIR.",
		}, func() float64 { _, size := Space(dir); return size }),
	)
}

// Space is the room left and the size of the disk that a directory is on, in bytes; NaN where that cannot be asked.
func Space(dir string) (free, size float64) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return math.NaN(), math.NaN()
	}
	return float64(s.Bavail) * float64(s.Bsize), float64(s.Blocks) * float64(s.Bsize)
}
