package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

// standalone starts the binary, in memory or on a new folder.
func (s *settings) standalone(onDisk bool) func(context.Context, string) (served, error) {
	return func(ctx context.Context, dir string) (served, error) {
		var args []string
		if onDisk {
			folder, err := os.MkdirTemp(dir, "load-")
			if err != nil {
				return served{}, err
			}
			args = []string{"--data-dir", folder}
		}
		return s.serve(ctx, args...)
	}
}

// serve starts the binary.
func (s *settings) serve(ctx context.Context, args ...string) (served, error) {
	return greeted(ctx, s.binary, append([]string{"mock", "--addr", "127.0.0.1:0"}, args...)...)
}

// apart starts the floor in a process of its own.
func (s *settings) apart(ctx context.Context, _ string) (served, error) {
	return greeted(ctx, s.self, "-floor")
}

// serveFloor is what such a process does, until it is interrupted.
func serveFloor(ctx context.Context, out io.Writer) error {
	server, err := floor(ctx, "")
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	fmt.Fprintf(out, "The floor is on http://%s\n", server.addr)
	<-ctx.Done()
	_, err = server.stop()
	return err
}

// greeted starts a program and returns once it has told where it is.
func greeted(ctx context.Context, program string, args ...string) (served, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return served{}, err
	}
	if err := cmd.Start(); err != nil {
		return served{}, err
	}
	stop := func() (time.Duration, error) {
		err := errors.Join(cmd.Process.Signal(os.Interrupt), cmd.Wait())
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), err
	}
	lines := bufio.NewReader(out)
	greeting, err := lines.ReadString('\n')
	if err != nil {
		_, stopped := stop()
		return served{}, errors.Join(err, stopped)
	}
	u, err := url.Parse(strings.TrimSpace(greeting[strings.LastIndexByte(strings.TrimSpace(greeting), ' ')+1:]))
	if err != nil || u.Host == "" {
		_, stopped := stop()
		return served{}, errors.Join(fmt.Errorf("the program greets with %q", greeting), err, stopped)
	}
	return served{u.Host, stop}, nil
}

// starts measures how soon the binary answers.
func (s *settings) starts(ctx context.Context, dir string) ([]line, error) {
	if s.binary == "" {
		return nil, nil
	}
	rows := []struct {
		what, target string
		args         []string
	}{
		{"start of `cfimages mock` to its first answer", "20 ms", nil},
		{fmt.Sprintf("the same on a folder of %d images", s.images), "60 ms", []string{"--data-dir", filepath.Join(dir, "large")}},
	}
	var lines []line
	for _, row := range rows {
		var took []time.Duration
		for range 5 * s.rounds {
			begin := time.Now()
			server, err := s.serve(ctx, row.args...)
			if err != nil {
				return nil, err
			}
			err = once(ctx, server.addr, list())
			took = append(took, time.Since(begin))
			_, stopped := server.stop()
			if err := errors.Join(err, stopped); err != nil {
				return nil, err
			}
		}
		lines = append(lines, line{what: row.what, target: row.target, measured: spread(median(took))})
	}
	return lines, nil
}
