using System.Text;
using Renci.SshNet.Messages.Connection;

namespace Virt.Ssh.Channels;

/// <summary>Asks for a channel of the type <c>session</c>, which runs one program (RFC 4254, 6.1).</summary>
internal sealed class SessionChannelInfo : ChannelOpenInfo
{
    public override string ChannelType => "session";
}

/// <summary>Asks to run a command with the user's shell (RFC 4254, 6.5).</summary>
internal sealed class ExecRequest : RequestInfo
{
    private readonly byte[] _command;

    public ExecRequest(string command)
    {
        _command = Encoding.UTF8.GetBytes(command);
        WantReply = true;
    }

    public override string RequestName => "exec";

    protected override int BufferCapacity => base.BufferCapacity + sizeof(uint) + _command.Length;

    protected override void SaveData()
    {
        base.SaveData();
        WriteBinaryString(_command);
    }
}
