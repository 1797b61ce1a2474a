#!/bin/sh
kubectl apply -k overlays/production
