"""GLSL sources: rooms (lit per pixel, drawn once), people (lit per vertex, every frame), backdrops.

People are lit per vertex because a software rasteriser pays dearly for long fragment programs on
the many tiny triangles of a body.
"""

SURFACE_VERTEX = """
#version 330
uniform mat4 view_projection;
in vec3 in_position; in vec3 in_normal; in vec3 in_color; in vec3 in_pattern; in vec2 in_kind;
out vec3 position; out vec3 normal; out vec3 color; out vec3 pattern;
flat out int kind;
void main() {
    position = in_position; normal = in_normal; color = in_color; pattern = in_pattern;
    kind = int(in_kind.x + 0.5);
    gl_Position = view_projection * vec4(in_position, 1.0);
}
"""

SURFACE_FRAGMENT = """
#version 330
uniform vec3 key_direction; uniform vec3 key_color;
uniform vec3 sky_color; uniform vec3 ground_color; uniform float exposure;
uniform vec3 lamp_position; uniform vec3 lamp_color;
uniform vec4 blob[4]; // x, z, radius, strength of soft contact shadows
in vec3 position; in vec3 normal; in vec3 color; in vec3 pattern;
flat in int kind;
out vec4 out_color;

float hash(vec3 p) { return fract(sin(dot(p, vec3(12.99, 78.23, 37.72))) * 43758.5453); }
float noise(vec3 p) {
    vec3 i = floor(p), f = fract(p); f = f * f * (3.0 - 2.0 * f);
    return mix(mix(mix(hash(i), hash(i + vec3(1,0,0)), f.x),
                   mix(hash(i + vec3(0,1,0)), hash(i + vec3(1,1,0)), f.x), f.y),
               mix(mix(hash(i + vec3(0,0,1)), hash(i + vec3(1,0,1)), f.x),
                   mix(hash(i + vec3(0,1,1)), hash(i + vec3(1,1,1)), f.x), f.y), f.z);
}
vec3 room(vec3 base) {
    vec3 p = pattern;
    if (kind == 20) { // wooden boards
        float row = floor(p.x / 0.14); float shift = hash(vec3(row, 3.0, 1.0)) * 1.7;
        float board = floor((p.z + shift) / 1.3);
        float tone = 0.82 + 0.3 * hash(vec3(row, board, 5.0));
        float grain = noise(vec3(p.x * 60.0, row, p.z * 3.0 + shift * 9.0));
        float gap = step(0.03, fract(p.x / 0.14)) * step(0.004, fract((p.z + shift) / 1.3));
        return base * tone * (0.86 + 0.26 * grain) * mix(0.55, 1.0, gap);
    }
    if (kind == 21) return base * (0.75 + 0.5 * noise(p * 160.0)) * (0.9 + 0.2 * noise(p * 6.0));
    if (kind == 22) { // tiles
        vec2 q = fract(p.xz / 0.33); float line = step(0.02, q.x) * step(0.02, q.y);
        vec2 t = floor(p.xz / 0.33);
        return base * mix(0.6, 1.0, line) * (0.94 + 0.1 * hash(vec3(t, 2.0)));
    }
    if (kind == 23) { // bricks
        float row = floor(p.y / 0.075);
        vec2 q = vec2(p.x / 0.22 + 0.5 * mod(row, 2.0), p.y / 0.075);
        float line = step(0.06, fract(q.x)) * step(0.14, fract(q.y));
        float tone = 0.75 + 0.5 * hash(vec3(floor(q), 4.0));
        return mix(vec3(0.5, 0.48, 0.45), base * tone * (0.85 + 0.3 * noise(p * 60.0)), line);
    }
    if (kind == 24) { // striped wallpaper
        float m = step(0.5, fract(p.x / 0.18)); return base * mix(0.86, 1.04, m);
    }
    if (kind == 25) { // figured wallpaper
        vec2 q = fract(p.xy / 0.16) - 0.5; float m = smoothstep(0.10, 0.06, abs(length(q) - 0.25));
        return base * (1.0 - 0.2 * m) * (0.97 + 0.06 * noise(p * 30.0));
    }
    if (kind == 26) { // picture: blocks of colour
        vec2 q = floor(p.xy * vec2(5.0, 7.0)); float h = hash(vec3(q, color.x * 91.0));
        float b = noise(vec3(p.xy * 9.0, color.y * 31.0));
        return mix(base, vec3(hash(vec3(q, 1.0)), h, b), 0.55);
    }
    if (kind == 27) { // books
        float n = floor(p.x / 0.035);
        vec3 c = vec3(hash(vec3(n, p.z, 1.0)), hash(vec3(n, p.z, 2.0)),
            hash(vec3(n, p.z, 3.0)));
        float top = step(p.y, 0.72 + 0.25 * hash(vec3(n, p.z, 7.0)));
        return mix(base * 0.25, c * c * 0.7, top) * (0.7 + 0.3 * step(0.1, fract(p.x / 0.035)));
    }
    if (kind == 28) return base * (0.7 + 0.6 * noise(p * 14.0)); // leaves
    if (kind == 29) return base * (0.8 + 0.2 * sin(p.x * 55.0 + 2.0 * sin(p.y * 2.0))); // curtain
    return base * (0.97 + 0.06 * noise(p * 25.0));
}
void main() {
    vec3 n = normalize(normal);
    vec3 c = room(color); float soft = 0.15;
    float lambert = max((dot(n, key_direction) + soft) / (1.0 + soft), 0.0);
    vec3 light = key_color * lambert + mix(ground_color, sky_color, 0.5 + 0.5 * n.y);
    vec3 to_lamp = lamp_position - position; float d2 = dot(to_lamp, to_lamp);
    light += lamp_color * max(dot(n, normalize(to_lamp)), 0.0) / (0.4 + d2);
    if (kind >= 20 && kind < 23) {
        for (int i = 0; i < 4; i++) {
            vec2 d = (position.xz - blob[i].xy) / max(blob[i].z, 1e-3);
            light *= 1.0 - blob[i].w * exp(-dot(d, d));
        }
    }
    if (kind == 40) light = vec3(1.0);
    vec3 shaded = c * light;
    out_color = vec4(pow(clamp(shaded * exposure, 0.0, 1.0), vec3(1.0 / 2.2)), 1.0);
}
"""

PERSON_VERTEX = """
#version 330
uniform mat4 view_projection;
uniform vec3 eye; uniform vec3 key_direction; uniform vec3 key_color;
uniform vec3 sky_color; uniform vec3 ground_color;
uniform vec3 lamp_position; uniform vec3 lamp_color;
in vec3 in_position; in vec3 in_normal; in vec3 in_color; in vec3 in_pattern; in vec2 in_kind;
out vec3 light; out vec3 gloss; out vec3 color; out vec3 pattern; out float cut;
flat out int kind;
void main() {
    color = in_color; pattern = in_pattern; kind = int(in_kind.x + 0.5); cut = in_kind.y;
    vec3 n = in_normal; vec3 v = normalize(eye - in_position);
    float facing = dot(n, v);
    if (kind >= 10 && facing < 0.0) { n = -n; facing = -facing; }
    float soft = kind == 0 ? 0.35 : 0.2;
    float lambert = max((dot(n, key_direction) + soft) / (1.0 + soft), 0.0);
    light = key_color * lambert + mix(ground_color, sky_color, 0.5 + 0.5 * n.y);
    vec3 to_lamp = lamp_position - in_position;
    light += lamp_color * max(dot(n, normalize(to_lamp)), 0.0) / (0.4 + dot(to_lamp, to_lamp));
    light *= 0.80 + 0.20 * clamp(facing * 1.6, 0.0, 1.0);
    float shine = kind == 0 ? 0.06 : kind == 2 ? 0.08 : 0.0;
    gloss = shine * key_color * pow(max(dot(n, normalize(key_direction + v)), 0.0), 22.0);
    gl_Position = view_projection * vec4(in_position, 1.0);
}
"""

PERSON_FRAGMENT = """
#version 330
uniform float exposure;
uniform vec3 garment_b[6]; uniform vec4 garment_style[6]; // kind, scale, contrast, seed
in vec3 light; in vec3 gloss; in vec3 color; in vec3 pattern; in float cut;
flat in int kind;
out vec4 out_color;
void main() {
    if (cut < 0.0) discard;
    vec3 c = color;
    if (kind >= 10 && kind < 16) {
        vec4 style = garment_style[kind - 10]; vec3 p = pattern * style.y;
        int k = int(style.x + 0.5); float m = 0.0; float across = p.x + p.z;
        if (k == 1) m = step(0.5, fract(p.y));
        else if (k == 2) m = step(0.5, fract(across));
        else if (k == 3) m = 0.5 * step(0.5, fract(p.y)) + 0.5 * step(0.5, fract(across));
        else if (k == 4) { vec2 q = fract(vec2(across, p.y)) - 0.5; m = step(dot(q, q), 0.07); }
        else if (k == 5) m = smoothstep(-0.2, 0.3, sin(p.x * 5.1 + style.w + 2.0 * sin(p.y * 3.3))
            * sin(p.y * 4.7 + 1.7 * sin(p.z * 4.1 + style.w)));
        else if (k == 6) m = min(step(0.8, fract(p.y)) + step(0.8, fract(across)), 1.0);
        c = mix(c, garment_b[kind - 10], m * style.z);
    }
    out_color = vec4(pow(clamp((c * light + gloss) * exposure, 0.0, 1.0), vec3(1.0 / 2.2)), 1.0);
}
"""

DEPTH_VERTEX = """
#version 330
uniform mat4 view_projection;
in vec3 in_position;
void main() { gl_Position = view_projection * vec4(in_position, 1.0); }
"""

DEPTH_FRAGMENT = """
#version 330
void main() {}
"""

BACKDROP_VERTEX = """
#version 330
in vec2 in_corner;
out vec2 uv;
void main() { uv = in_corner * 0.5 + 0.5; gl_Position = vec4(in_corner, 0.0, 1.0); }
"""

BACKDROP_FRAGMENT = """
#version 330
uniform sampler2D picture; uniform sampler2D depth;
in vec2 uv;
out vec4 out_color;
void main() { out_color = texture(picture, uv); gl_FragDepth = texture(depth, uv).r; }
"""
