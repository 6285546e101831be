"""A small news world on loopback, to look at the program without a network.

Entry points: `server.DemoServer` serves it, `feeds.demo_files` writes a feeds.yaml over it, and `world.World`
is the world itself, a pure function of the seconds since its start. All places, people and outlets are invented.
"""
