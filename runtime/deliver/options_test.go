package deliver

import (
	"image/color"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/runtime/imaging"
)

func TestOptions(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]imaging.Options{
		"w=400,h=300":                     {Width: 400, Height: 300},
		"width=400,height=300,fit=crop":   {Width: 400, Height: 300, Fit: imaging.Crop},
		"w=100,h=50,dpr=1.5":              {Width: 150, Height: 75},
		"dpr=3":                           {},
		"fit=squeeze":                     {Fit: imaging.Squeeze},
		"fit=scale-up":                    {Fit: imaging.ScaleUp},
		"g=left":                          {Gravity: imaging.Gravity{X: -0.5}},
		"gravity=0.25x1":                  {Gravity: imaging.Gravity{X: -0.25, Y: 0.5}},
		"q=50":                            {Quality: 50},
		"quality=high":                    {Quality: 90},
		"f=webp":                          {Format: imaging.WebP},
		"format=baseline-jpeg":            {Format: imaging.JPEG},
		"blur=250,sharpen=0.5":            {Blur: 250, Sharpen: 0.5},
		"brightness=1.5,contrast=0":       {Brightness: 1.5},
		"gamma=2,saturation=0":            {Gamma: 2, Saturation: -1},
		"saturation=1":                    {},
		"rotate=270,flip=hv":              {Turns: 3, FlipX: true, FlipY: true},
		"rotate=360,flip=v":               {FlipY: true},
		"trim=1;2;3;4":                    {Trim: imaging.Trim{Top: 1, Right: 2, Bottom: 3, Left: 4}},
		"background=red":                  {Background: color.NRGBA{255, 0, 0, 255}},
		"background=#0f08":                {Background: color.NRGBA{0, 255, 0, 0x88}},
		"background=rgb(1,2,3),anim=true": {Background: color.NRGBA{1, 2, 3, 255}},
		"background=rgba(255 0 0 / 50%)":  {Background: color.NRGBA{255, 0, 0, 128}},
		"anim=false,upscale=interpolate":  {Still: true},
		"metadata=keep":                   {Metadata: imaging.Keep},
	} {
		if !strings.Contains(list, "metadata") {
			want.Metadata = imaging.Copyright
		}
		if got, err := parseOptions(list); err != nil || got.Options != want {
			t.Errorf("%s: %+v, %v", list, got, err)
		}
	}
	if got, err := parseOptions("compression=fast,f=json"); err != nil || !got.fast || !got.info {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestBadOptions names what is wrong.
func TestBadOptions(t *testing.T) {
	t.Parallel()
	for list, says := range map[string]string{
		"w=":                                    `"w=" has no value`,
		"w":                                     `"w" has no value`,
		"w=1,w=2":                               `"width" is given twice`,
		"w=1,width=2":                           `"width" is given twice`,
		"W=1":                                   `there is no option "W"`,
		"=1":                                    `there is no option ""`,
		"w=-1":                                  `"w=-1": the value is not valid`,
		"w=1.5":                                 `"w=1.5": the value is not valid`,
		"w=99999999999":                         `the value is not valid`,
		"w=auto":                                `is not supported here`,
		"fit=contains":                          `the value is not valid`,
		"gravity=auto":                          `is not supported here`,
		"gravity=2x0":                           `the value is not valid`,
		"gravity=0.5":                           `the value is not valid`,
		"q=0":                                   `the value is not valid`,
		"q=101":                                 `the value is not valid`,
		"f=avif":                                `is not supported here`,
		"f=tiff":                                `the value is not valid`,
		"blur=0":                                `the value is not valid`,
		"blur=251":                              `the value is not valid`,
		"blur=NaN":                              `the value is not valid`,
		"sharpen=Inf":                           `the value is not valid`,
		"saturation=NaN":                        `the value is not valid`,
		"gamma=0x1p2":                           `the value is not valid`,
		"dpr=0":                                 `the value is not valid`,
		"rotate=45":                             `the value is not valid`,
		"flip=x":                                `the value is not valid`,
		"trim=1;2;3":                            `the value is not valid`,
		"trim=1;2;3;-4":                         `the value is not valid`,
		"background=url(x)":                     `the value is not valid`,
		"background=#ff":                        `the value is not valid`,
		"metadata=some":                         `the value is not valid`,
		"anim=1":                                `the value is not valid`,
		"compression=slow":                      `the value is not valid`,
		"upscale=generate":                      `is not supported here`,
		"zoom=0.5":                              `"zoom=0.5": is not supported here`,
		"segment=foreground":                    `is not supported here`,
		"border=1":                              `is not supported here`,
		"onerror=redirect":                      `is not supported here`,
		"w=1" + strings.Repeat(",", maxOptions): `there are too many`,
	} {
		if _, err := parseOptions(list); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40s: %v", list, err)
		}
	}
}

func FuzzOptions(f *testing.F) {
	f.Add("w=400,h=300,fit=cover,g=0.5x0.2,q=50,f=webp,dpr=2")
	f.Add("blur=3,sharpen=1,brightness=1,contrast=2,gamma=3,saturation=0,rotate=90,flip=h,trim=1;2;3;4,background=rgb(1 2 3)")
	f.Fuzz(func(t *testing.T, list string) {
		got, err := parseOptions(list)
		if err != nil {
			return
		}
		o := got.Options
		if o != o || o.Width < 0 || o.Width > 1<<24 || o.Height < 0 || o.Height > 1<<24 || o.Quality < 0 || o.Quality > 100 || o.Blur < 0 || o.Blur > 250 {
			t.Fatalf("%q: %+v", list, o)
		}
	})
}
