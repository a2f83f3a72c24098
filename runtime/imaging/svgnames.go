package imaging

import "strings"

// svgElements are the elements of SVG that draw, and those that help them.
var svgElements = names(`
	svg g defs symbol use switch title desc metadata style
	path rect circle ellipse line polyline polygon image
	text tspan textPath marker view
	linearGradient radialGradient stop pattern clipPath mask filter
	feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap
	feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode
	feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence
	animate animateMotion animateTransform set mpath`)

// animations are those that change attributes.
var animations = names(`animate animateMotion animateTransform set`)

// svgAttributes are the attributes that describe a drawing. None of them runs
// anything; references are checked apart.
var svgAttributes = names(`
	id class style lang tabindex role version baseProfile viewBox preserveAspectRatio zoomAndPan
	x y z x1 y1 x2 y2 width height cx cy r rx ry fx fy fr d points pathLength transform
	dx dy rotate textLength lengthAdjust startOffset method spacing side
	offset gradientUnits gradientTransform spreadMethod patternUnits patternContentUnits patternTransform
	clipPathUnits maskUnits maskContentUnits markerUnits markerWidth markerHeight orient refX refY filterUnits primitiveUnits
	in in2 result mode type values tableValues slope intercept amplitude exponent operator k1 k2 k3 k4 order kernelMatrix
	divisor bias targetX targetY edgeMode kernelUnitLength preserveAlpha surfaceScale diffuseConstant specularConstant
	specularExponent limitingConeAngle pointsAtX pointsAtY pointsAtZ azimuth elevation scale xChannelSelector yChannelSelector
	stdDeviation radius baseFrequency numOctaves seed stitchTiles
	attributeName attributeType begin dur end min max restart repeatCount repeatDur calcMode keyTimes keySplines keyPoints
	from to by additive accumulate origin path fill
	requiredExtensions systemLanguage media
	alignment-baseline baseline-shift clip clip-path clip-rule color color-interpolation color-interpolation-filters color-rendering
	cursor direction display dominant-baseline enable-background fill-opacity fill-rule filter flood-color flood-opacity
	font font-family font-size font-size-adjust font-stretch font-style font-variant font-weight glyph-orientation-horizontal
	glyph-orientation-vertical image-rendering isolation kerning letter-spacing lighting-color marker-end marker-mid marker-start
	mask mask-type mix-blend-mode opacity overflow paint-order pointer-events shape-rendering stop-color stop-opacity
	stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width
	text-anchor text-decoration text-overflow text-rendering transform-origin unicode-bidi vector-effect visibility
	white-space word-spacing writing-mode`)

func names(list string) map[string]bool {
	set := map[string]bool{}
	for name := range strings.FieldsSeq(list) {
		set[name] = true
	}
	return set
}
