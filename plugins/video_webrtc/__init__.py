"""video_webrtc"""
