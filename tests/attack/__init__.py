"""The attack: `make attack` starts the real service with two organizations in it and tries to get at what it must not.

Nothing leaves this machine (127.0.0.1 alone), every file is made by code on the spot, and it ends by itself. What was
tried and refused is printed; what was wrongly accepted, and every defect (500), is named and makes it fail.
"""
